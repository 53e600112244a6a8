#ifndef REOPEN_READONLY_H
#define REOPEN_READONLY_H

/* Starts this program again, with `mode` as its only argument, from a read-only view of its own file, so that
 * a container whose program is `#!/proc/self/exe` or that gets hold of /proc/PID/exe cannot write to the
 * host's copy (CVE-2019-5736). Returns when the kernel cannot: the program then goes on as it is. */
void reopen_readonly(const char *mode, char *const *environment);

#endif
