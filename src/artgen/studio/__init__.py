"""A page to paint on, served to this machine's own browser and to nobody else.

folder        the studio's own folder, where all of it is kept
history       everything made and waiting, in SQLite
pictures      those that can be asked for: uploads, styles, examples, what was made
orders        what the page asks for, and what the worker is told to do
command_line  an order as a command line
controls      what the page is told of techniques, styles and presets
messages      what server and worker say to each other
run_job       one picture at work, in the worker
drafts        small pictures that show what the next ones will be
worker        the process that paints
queue         the jobs in their turn, and the one worker that there is
running       the job that is being painted: how far it is
events        what happens, sent on to every open page
security      who may ask, and what every answer says to the browser
routes        what can be asked
server        all of it together
"""
