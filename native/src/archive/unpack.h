#ifndef UNPACK_H
#define UNPACK_H

/* `mydocker-core unpack`: makes the entries of the tar on fd 0 below a root. Returns the exit status. */
int unpack_main(int argc, char **argv);

#endif
