"""The studio: a page in the browser on which to make pictures, served to this machine alone.

folder        the studio's own folder, with all its files
history       all jobs, finished and waiting, in SQLite
pictures      pictures by reference: uploads, styles, examples, results
clips         films that were uploaded, judged, and their frames
kinds         what can be asked for: techniques, and films that follow painted frames
orders        requests of the page, checked and resolved for the worker
command_line  an order as a command line
controls      the techniques, styles and presets, as the page needs them
messages      messages between server and worker
reports       reports of a run in the worker, and requests between two steps
run_job       one picture in the worker
run_film      one film in the worker
drafts        small, quick pictures that show what a picture will look like
worker        the worker process
queue         the queue of jobs, and the handle to the worker process
running       the job that is running, and its progress
events        server-sent events to every open page
security      which requests are allowed, and the security headers of every answer
routes        the addresses of the server
server        all parts together
"""
