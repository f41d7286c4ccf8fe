"""Many pictures: what is to be made, what is made already, and who makes the rest.

    messages       what is sent: Order, Job, Made, the events; and what a Maker does
    storage        folders and URLs that pictures come from and go to
    expand         folders and globs become jobs, each with an output of its own
    film_chunks    films become chunks of frames, and jobs that join them
    ledger         what has become of each job, in SQLite beside the pictures
    todo           jobs and ledger: what is missing or changed
    recognise      a picture whose own recipe says that it is finished
    backlog        who gets which job, and what is tried once more
    worker         makes pictures, one after the other, in a process of its own
    process        handle to that process
    local          workers on this machine
    cluster        workers on the nodes of a Ray cluster; the only file that knows Ray
    report         a batch as one HTML page
    estimate       what a batch will take
    picture_maker  what a worker makes pictures with: a technique, its network, its style
    film_maker     the same for films

Those that are not about pictures import no torch: they only move jobs about.
"""
