#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include "backlog.h"
#include "events.h"
#include "health.h"
#include "launch.h"
#include "log.h"
#include "loop.h"
#include "net.h"
#include "proto.h"
#include "restart.h"
#include "spec.h"
#include "state.h"

/* One process per running container. Everything of it hangs on one struct and one loop; the parts:
 *   supervisor.c  becoming one (op `start`), and the end        run.c      from launch to exit, restarts
 *   output.c      the container's stdin, stdout, stderr         halt.c     signals, stop, kill, pause
 *   control.c     control.sock and its connections              control-ops.c  what they may ask
 *   attached.c    connections that carry a stream               probes.c   health checks
 *   oom.c         kills by the kernel for want of memory */

enum phase {
    PHASE_WAITING, /* for a client, before the first launch */
    PHASE_RUNNING,
    PHASE_DELAY, /* until the restart */
    PHASE_ENDED,
};

struct supervisor;

struct supervisor_output {
    struct loop_source source;
    struct supervisor *supervisor;
    enum log_stream stream;
};

struct client;

struct supervisor {
    struct container_spec spec;
    int lock; /* data_dir/supervisor.lock */
    char *state_path, *last_state_path, *socket_path;
    struct event_source events;
    struct loop loop;
    struct state state;
    struct log log;
    struct net *net;
    struct loop_source net_source;
    struct loop_source signals;
    enum phase phase;

    /* run.c */
    struct loop_source exit; /* pidfd of the container's first process */
    int keeper;              /* launch_result.keeper */
    int64_t started;         /* ms */
    struct restart_rule rule;
    char *rule_text;
    struct restart_history history;
    struct loop_timer delay;
    bool ask_restart;       /* a client wants it started again once it has ended */
    bool unhealthy_restart; /* the same for restart.on_unhealthy */
    bool shutting_down;     /* the host ends: no restart, but not stopped by the user either */
    int start_code;         /* exit code of a launch that failed */

    /* halt.c */
    bool stopping;
    struct loop_timer grace;

    /* oom.c */
    struct loop_source oom; /* readable when memory ran out */
    struct loop_timer oom_timer;
    int oom_looks;
    int64_t oom_seen; /* kills that were told */
    bool oom_happened;

    /* output.c */
    struct supervisor_output out, err; /* with a terminal `out` reads it */
    struct loop_source in;             /* stdin's pipe, or the terminal */
    int terminal;                      /* pty master, or -1; belongs to out.source */
    int terminal_peer;   /* keeps the terminal from hanging up while the container has it closed */
    unsigned rows, cols; /* last size wanted, 0: none */
    struct backlog in_backlog;
    bool in_ending; /* close stdin when the backlog is in */
    struct loop_timer rest;
    bool output_held; /* not read: a client that must not lose anything is behind */

    /* control.c */
    struct loop_source listener;
    struct client *clients;
    struct loop_timer await;

    /* probes.c */
    struct health health;
    struct loop_timer probe_timer;
    struct probe *probe;
};

/* supervisor.c */
void supervisor_save(struct supervisor *supervisor);
/* The copy that outlives the run folder. */
void supervisor_save_last(struct supervisor *supervisor);

/* run.c: launches; the reply of `start` needs the result's warnings */
int run_start(struct supervisor *supervisor, struct launch_result *result, struct failure *failure);
/* Starts again now (after a delay or a stop); a failure ends the container. */
void run_again(struct supervisor *supervisor);
/* The container is not coming back. */
void run_end(struct supervisor *supervisor);
void run_timers(struct supervisor *supervisor);
/* What `docker inspect` shows as the exit code of a container that could not be started. */
int run_failure_code(const struct failure *failure);

/* halt.c: 0, or -1 with the failure */
int halt_signal(struct supervisor *supervisor, int number, struct failure *failure);
/* Sends the signal, and SIGKILL when `timeout` ms have passed (negative: never). */
void halt_begin(struct supervisor *supervisor, int number, int64_t timeout);
void halt_kill(struct supervisor *supervisor);
int halt_pause(struct supervisor *supervisor, struct failure *failure);
int halt_unpause(struct supervisor *supervisor, struct failure *failure);
/* The counter of OOM kills, 0 when there is none. */
int64_t halt_read_oom(const struct supervisor *supervisor);
void halt_timers(struct supervisor *supervisor);

/* oom.c: watches for kills by the kernel during one run, and tells of each when it happens */
void oom_start(struct supervisor *supervisor);
/* The last look; the cgroup is still there. */
void oom_stop(struct supervisor *supervisor);
void oom_timers(struct supervisor *supervisor);

/* output.c */
struct output_ends {
    int in, out, err; /* the container's */
};
int output_open(struct supervisor *supervisor, struct output_ends *ends);
void output_close_ends(struct output_ends *ends);
void output_watch(struct supervisor *supervisor, int terminal);
/* Reads what is left and closes everything: the container has ended. */
void output_finish(struct supervisor *supervisor);
/* False: the container's stdin is full; what was given waits, give no more. */
bool output_input(struct supervisor *supervisor, const void *data, size_t size);
void output_input_end(struct supervisor *supervisor);
void output_resize(struct supervisor *supervisor, unsigned rows, unsigned cols);
/* Reads on or stops reading, as the clients' backlogs say. */
void output_balance(struct supervisor *supervisor);
void output_timers(struct supervisor *supervisor);

/* control.c */
int control_open(struct supervisor *supervisor, struct failure *failure);
void control_close(struct supervisor *supervisor);
/* Frees the connections that have ended; called between two steps of the loop. */
void control_sweep(struct supervisor *supervisor);

/* probes.c */
void probes_start(struct supervisor *supervisor);
void probes_stop(struct supervisor *supervisor);
/* After a pause. */
void probes_resume(struct supervisor *supervisor);
void probes_timers(struct supervisor *supervisor);

#endif
