#ifndef PROCESS_TITLE_H
#define PROCESS_TITLE_H

/* Makes `title` the process's name and command line, over its arguments and its environment, which is gone
 * then: a process that stays must not show what its caller's shell had set. */
void process_title_set(const char *title);

#endif
