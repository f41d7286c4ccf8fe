"""Batches of pictures: jobs, what of them is done already, and the workers that make the rest.

    messages       what is sent: Order, Job, Made, the events; the protocols Maker and WorkerPool
    storage        folders and URLs that pictures are read from and written to
    expand         folders and globs expanded to jobs, each with an output of its own
    film_chunks    films as chunks of frames, and jobs that join them
    ledger         the state of each job, in SQLite beside the pictures
    todo           jobs and ledger compared: what is missing or has changed
    recognise      whether a picture is finished, by its own recipe
    backlog        the order of the jobs, and which are tried once more
    worker         makes pictures, one after the other, in a process of its own
    process        handle to a worker process
    local          workers on this machine
    cluster        workers on the nodes of a Ray cluster; the only file that imports Ray
    report         a batch as one HTML page
    estimate       how long a batch will take
    picture_maker  makes pictures in a worker: a technique, its network, its style
    film_maker     the same for films

Files that are not about pictures import no torch: they only schedule jobs.
"""
