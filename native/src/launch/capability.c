#include "process.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPABILITY_BIT(number) (1ull << (number))

static int capability_get(struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

    return (int)syscall(SYS_capget, &header, data);
}

static uint64_t capability_permitted(void)
{
    struct __user_cap_data_struct data[2];

    return capability_get(data) ? 0 : data[0].permitted | (uint64_t)data[1].permitted << 32;
}

int capability_drop_bounding(const struct process_spec *spec, struct failure *failure)
{
    /* The kernel's last capability is the first number that it does not know. */
    for (unsigned long number = 0; number < 64; number++) {
        int has = prctl(PR_CAPBSET_READ, number, 0, 0, 0);

        if (has < 0)
            break;
        if (has == 0 || spec->cap_bounding & CAPABILITY_BIT(number))
            continue;
        if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0))
            return fail(failure, STAGE_CAPABILITY, errno, "cannot drop capability %lu", number);
    }
    return 0;
}

int capability_set(const struct process_spec *spec, bool keep, struct failure *failure)
{
    uint64_t has = capability_permitted();
    uint64_t extra = keep ? has & CAPABILITY_BIT(CAP_SYS_ADMIN) : 0;
    uint64_t permitted = (spec->cap_permitted & has) | extra;
    uint64_t effective = (spec->cap_effective & spec->cap_permitted & has) | extra;
    uint64_t inheritable = spec->cap_inheritable & has;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)}};

    if (syscall(SYS_capset, &header, data))
        return fail(failure, STAGE_CAPABILITY, errno, "cannot set the capabilities");
    return 0;
}

int capability_set_ambient(const struct process_spec *spec, struct failure *failure)
{
    uint64_t possible = capability_permitted() & spec->cap_ambient & spec->cap_inheritable;

    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
        return fail(failure, STAGE_CAPABILITY, errno, "cannot clear the ambient capabilities");
    for (unsigned long number = 0; number < 64; number++)
        if (possible & CAPABILITY_BIT(number) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0))
            return fail(failure, STAGE_CAPABILITY, errno, "cannot raise ambient capability %lu", number);
    return 0;
}
