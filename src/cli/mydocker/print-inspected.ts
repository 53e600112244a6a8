import { MydockerError } from '../../errors.ts';
import { renderGoTemplate } from '../../ui/go-template.ts';
import { writeOut } from '../../util/stdio.ts';

type Json = Readonly<Record<string, unknown>>;

/** Prints what `find` knows of each reference as one JSON list or by the template; reports what is not there at the end. */
export async function printInspected(
  references: readonly string[],
  format: string | undefined,
  find: (reference: string) => Promise<Json>,
): Promise<void> {
  const found: Json[] = [];
  const problems: MydockerError[] = [];
  for (const reference of references) {
    try {
      found.push(await find(reference));
    } catch (error) {
      if (!(error instanceof MydockerError)) throw error;
      problems.push(error);
    }
  }
  if (format === undefined) writeOut(`${JSON.stringify(found, undefined, 4)}\n`);
  else for (const value of found) writeOut(`${format === 'json' ? JSON.stringify(value) : renderGoTemplate(format, value)}\n`);
  const [first] = problems;
  if (first === undefined) return;
  throw problems.length === 1 ? first : new MydockerError('several', `${String(problems.length)} are not there`, { problems });
}
