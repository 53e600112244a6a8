#ifndef FILE_LIMIT_H
#define FILE_LIMIT_H

#include <stddef.h>

/* The limit of open files of this process (RLIMIT_NOFILE). */

/* Makes room for so many more files: lifts the soft limit as far as the hard one allows. */
void file_limit_raise(size_t more);
/* In a process that becomes somebody else's program: the limit it would have had. */
void file_limit_restore(void);

#endif
