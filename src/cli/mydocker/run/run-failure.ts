import { hostFault, MydockerError } from '../../../errors.ts';

const RUN_FAILED = 125;

/** `run` keeps 126, 127 and the container's own codes apart from failures of its own, which are 125. */
export async function asRunFailure<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    const error = hostFault(thrown) ?? thrown;
    if (!(error instanceof MydockerError) || error.exitStatus !== undefined) throw error;
    const { code, message, resource, position, hint, problems, cause } = error;
    throw new MydockerError(code, message, {
      exitStatus: RUN_FAILED,
      problems,
      cause,
      ...(resource === undefined ? {} : { resource }),
      ...(position === undefined ? {} : { position }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
