import { MydockerError } from '../../errors.ts';
import { writeOut } from '../../util/stdio.ts';

/** Does one thing to each of several references, prints those that went well, and reports all that did not at the end. */
export async function eachReference(
  references: readonly string[],
  action: (reference: string) => Promise<string | undefined>,
): Promise<void> {
  const problems: MydockerError[] = [];
  const lines = await Promise.all(
    references.map(async (reference) => {
      try {
        return await action(reference);
      } catch (error) {
        if (!(error instanceof MydockerError)) throw error;
        problems.push(error);
        return undefined;
      }
    }),
  );
  for (const line of lines) if (line !== undefined) writeOut(`${line}\n`);
  const [first] = problems;
  if (first === undefined) return;
  throw problems.length === 1 ? first : new MydockerError('several', `${String(problems.length)} failed`, { problems });
}
