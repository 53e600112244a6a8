#include "pack-entry.h"

#include "memory.h"

#include <stdlib.h>

static size_t slot_of(const struct pack_link *links, size_t capacity, dev_t device, ino_t inode)
{
    size_t slot = (size_t)((inode ^ device * 0x9e3779b97f4a7c15U) * 0x9e3779b97f4a7c15U >> 20) & (capacity - 1);
    while (links[slot].path != NULL && (links[slot].inode != inode || links[slot].device != device))
        slot = (slot + 1) & (capacity - 1);
    return slot;
}

static void grow(struct pack *pack)
{
    size_t capacity = pack->link_capacity == 0 ? 64 : pack->link_capacity * 2;
    struct pack_link *links = memory_allocate(capacity, sizeof *links);
    for (size_t i = 0; i < pack->link_capacity; i++)
        if (pack->links[i].path != NULL)
            links[slot_of(links, capacity, pack->links[i].device, pack->links[i].inode)] = pack->links[i];
    free(pack->links);
    pack->links = links;
    pack->link_capacity = capacity;
}

const char *pack_find_link(struct pack *pack, const struct stat *status, const char *path)
{
    if (status->st_nlink < 2 || S_ISDIR(status->st_mode))
        return NULL;
    if (pack->link_count * 2 >= pack->link_capacity)
        grow(pack);
    struct pack_link *link =
        &pack->links[slot_of(pack->links, pack->link_capacity, status->st_dev, status->st_ino)];
    if (link->path != NULL)
        return link->path;
    *link = (struct pack_link){
        .device = status->st_dev, .inode = status->st_ino, .path = memory_copy_string(path)};
    pack->link_count++;
    return NULL;
}

void pack_free(struct pack *pack)
{
    for (size_t i = 0; i < pack->link_capacity; i++)
        free(pack->links[i].path);
    free(pack->links);
    tar_writer_free(&pack->writer);
}
