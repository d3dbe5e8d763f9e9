#include "cli/views/stop.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* A signal handler has no argument to carry these: the one place where the program holds state. */
static volatile sig_atomic_t caught;
static volatile sig_atomic_t at_once;

static void on_signal(int signal_number) {
    if (at_once || caught != 0)
        _exit(128 + signal_number);
    caught = signal_number;
}

void stop_catch(enum stop_mode mode) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    at_once = mode == STOP_AT_ONCE;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

int stop_signal(void) {
    return (int)caught;
}

bool stop_asked(void *context) {
    (void)context;
    return caught != 0;
}
