#ifndef REMOVE_PATHS_H
#define REMOVE_PATHS_H

/* `mydocker-core remove`: removes the paths that fd 0 names from a tree. Returns the exit status. */
int remove_paths_main(int argc, char **argv);

#endif
