"""A page to paint on, served to this machine's own browser and to nobody else.

folder    the studio's own folder, where all of it is kept
history   everything made and waiting, in SQLite
shelf     the pictures that can be asked for: uploads, styles, examples, what was made
orders    what the page asks for, and what the worker is told to do
spoken    an order as a command line
controls  what the page is told of techniques, styles and presets
talk      what server and worker say to each other
easel     one picture at work, in the worker
worker    the process that paints
foreman   the queue, and the one worker that it has
events    what happens, sent on to every open page
guard     who may ask, and what every answer says to the browser
routes    what can be asked
server    all of it together
"""
