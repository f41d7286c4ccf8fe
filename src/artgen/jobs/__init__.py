"""Many pictures: what is to be made, what is made already, and who makes the rest.

    work      the words: Order, Job, Made, the events, and what a Maker does
    places    folders and URLs that pictures come from and go to
    expand    folders and globs become jobs, each with an output of its own
    reels     films become chunks of frames, and jobs that join them
    ledger    what has become of each job, in SQLite beside the pictures
    plan      jobs and ledger: what is missing or changed
    finished  a picture whose own recipe says that it is finished
    backlog   who gets which job, and what is tried once more
    worker    a process that makes pictures, one after the other
    local     workers on this machine
    cluster   workers on the nodes of a Ray cluster; the only file that knows Ray
    report    a batch as one HTML page
    forecast  what a batch will take
    pictures  what a worker makes them with: a technique, its network, its style
    footage   the same for films

Those that are not about pictures import no torch: they only move jobs about.
"""
