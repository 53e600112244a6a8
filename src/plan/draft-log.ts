import { MydockerError } from '../errors.ts';
import type { LogSpec } from '../model/container.ts';
import type { Service } from '../model/service.ts';
import { parseByteSize } from '../util/byte-size.ts';

/** The driver `local` always rotates. */
const LOCAL_MAX_SIZE = 20 * 1024 * 1024;
const LOCAL_MAX_FILE = 5;

/** Where the output goes. */
export function draftLog(serviceName: string, { logging }: Service): LogSpec {
  const driver = logging?.driver === undefined || logging.driver === '' ? 'json-file' : logging.driver;
  if (driver !== 'json-file' && driver !== 'local' && driver !== 'none') {
    throw new MydockerError('unsupported', `the logging driver ${driver} is not supported`, {
      resource: `services.${serviceName}.logging.driver`,
      hint: 'use json-file, local or none',
    });
  }
  const options = logging?.options ?? {};
  const maxSize = options['max-size'];
  const maxFile = options['max-file'];
  return {
    driver,
    maxSize:
      maxSize === undefined ? (driver === 'local' ? LOCAL_MAX_SIZE : 0) : checked(serviceName, 'max-size', maxSize, parseByteSize(maxSize)),
    maxFile: maxFile === undefined ? (driver === 'local' ? LOCAL_MAX_FILE : 1) : checked(serviceName, 'max-file', maxFile, Number(maxFile)),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
}

function checked(serviceName: string, option: string, text: string, value: number | undefined): number {
  if (value === undefined || !Number.isInteger(value) || value < (option === 'max-file' ? 1 : -1)) {
    throw new MydockerError('invalid', `${text} is not a valid ${option}`, {
      resource: `services.${serviceName}.logging.options.${option}`,
    });
  }
  return Math.max(0, value);
}
