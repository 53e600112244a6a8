#ifndef PACK_H
#define PACK_H

/* `mydocker-core pack`: writes a tree as a tar, or as one JSON line per entry, to fd 1. Returns the exit
 * status. */
int pack_main(int argc, char **argv);

#endif
