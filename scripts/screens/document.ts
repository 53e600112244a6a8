import type { Screen } from './scenes.ts';

/** The text of docs/screens.md. */
export function documentOf(screens: readonly Screen[]): string {
  const sections = screens.map(
    ({ name, title, command, lines }) => `## ${title}
<img alt="mydocker-compose ${command}" src="screens/${name}.svg">

\`\`\`text
$ mydocker-compose ${command}
${lines.join('\n')}
\`\`\`
`,
  );
  return `# Screens

What a terminal of 80 columns (of 130 for tables) shows, taken by \`npm run screens\` from the program itself. A test plays the same scenes and
compares what it sees with this page.

${sections.join('\n')}`;
}

/** Without what differs from run to run: times, and the room they take. */
export function withoutTimes(text: string): string {
  return text
    .replace(/Less than a second|About a minute|\d+ (?:second|minute)s?/g, 'TIME')
    .replace(/ {2}\d+\.\ds$/gm, '')
    .replace(/ +/g, ' ')
    .replace(/ $/gm, '');
}
