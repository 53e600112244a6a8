/**
 * Runs what CI runs: checks, then unit, native and end-to-end tests; the last line is `N passed, N failed`.
 * Arguments name the parts to run (`checks`, `unit`, `native`, `e2e`); further ones (paths, `-t name`) go to the test runner.
 * With CI set a skipped test counts as failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed and why, to be said again at the end: of a long output often only the end is kept. */
  readonly reasons?: readonly string[];
}
type Part = 'checks' | 'unit' | 'native' | 'e2e';
const parts: readonly Part[] = ['checks', 'unit', 'native', 'e2e'];

/** Output goes through as it comes. A status other than 0, a signal or a program that is not there are all a failure. */
function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

function check(name: string, command: string, args: readonly string[]): Tally {
  console.log(`\n== ${name}`);
  const passed = succeeds(command, args);
  console.log(`${passed ? 'ok' : 'FAILED'}: ${name}`);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, reasons: passed ? [] : [name] };
}

/** Counts come from the runner's JUnit report, so that a runner that dies half-way is a failure and not a short success. */
function bunTest(name: string, paths: readonly string[], rest: readonly string[], timeout: number): Tally {
  console.log(`\n== ${name}`);
  const folder = mkdtempSync(join(tmpdir(), 'mydocker-junit-'));
  const report = join(folder, 'junit.xml');
  try {
    const ok = succeeds(process.execPath, [
      'test',
      `--timeout=${timeout}`,
      '--reporter=junit',
      `--reporter-outfile=${report}`,
      ...paths,
      ...rest,
    ]);
    const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
    const head = /<testsuites[^>]*>/.exec(text)?.[0];
    if (head === undefined) return { passed: 0, failed: 1, skipped: 0, reasons: [`${name}: the runner left no report`] };
    const count = (attribute: string): number => Number(new RegExp(`${attribute}="(\\d+)"`).exec(head)?.[1] ?? 0);
    const failures = count('failures');
    const skipped = count('skipped');
    return {
      passed: count('tests') - failures - skipped,
      failed: ok ? failures : Math.max(failures, 1),
      skipped,
      reasons: reasonsOf(text),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const REASON_LIMIT = 3000;

/** The failures of a JUnit report. */
function reasonsOf(report: string): string[] {
  const failures = report.matchAll(/<testcase name="([^"]*)"[^>]* file="([^"]*)"[^>]*>\s*<failure[^>]* message="([^"]*)"/g);
  return [...failures].map(([, name = '', file = '', message = '']) => plain(`${file}: ${name}\n${message}`).slice(0, REASON_LIMIT));
}

/** Without the character references of XML. */
function plain(text: string): string {
  const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replaceAll(/&(#?)(\w+);/g, (reference: string, numeric: string, name: string) =>
    numeric === '' ? (characters[name] ?? reference) : String.fromCodePoint(Number(name)),
  );
}

function run(part: Part, rest: readonly string[]): Tally[] {
  switch (part) {
    case 'checks':
      return [
        check('types', 'npm', ['run', '--silent', 'typecheck']),
        check('lint', 'npm', ['run', '--silent', 'lint']),
        check('format', 'npm', ['run', '--silent', 'format:check']),
      ];
    case 'unit':
      return [bunTest('unit tests', rest.some(isPath) ? [] : ['test/unit'], rest, 30_000)];
    case 'native':
      return [
        check('native unit tests', 'make', ['-C', 'native', 'test']),
        check('sanitized core', 'make', ['-C', 'native', 'sanitize']),
        bunTest('native tests', rest.some(isPath) ? [] : ['test/native'], rest, 60_000),
      ];
    case 'e2e':
      return [bunTest('end-to-end tests', rest.some(isPath) ? [] : ['test/e2e'], rest, 180_000)];
  }
}

function isPath(argument: string): boolean {
  return argument.startsWith('test/') || argument.startsWith('./');
}

const argv = process.argv.slice(2);
const chosen = parts.filter((part) => argv.includes(part));
const rest = argv.filter((argument) => !parts.some((part) => part === argument));
if (!succeeds('npm', ['run', '--silent', 'build'])) {
  console.log('the build failed\n0 passed, 1 failed');
  process.exit(1);
}
const tallies = (chosen.length > 0 ? chosen : parts).flatMap((part) => run(part, rest));
const sum = (key: 'passed' | 'failed' | 'skipped'): number => tallies.reduce((total, tally) => total + tally[key], 0);
const reasons = tallies.flatMap((tally) => tally.reasons ?? []);
if (reasons.length > 0) console.log(`\n== what failed\n${reasons.join('\n\n')}\n`);
const strict = (process.env.CI ?? '') !== '';
const failed = sum('failed') + (strict ? sum('skipped') : 0);
if (sum('skipped') > 0) console.log(`\n${sum('skipped')} skipped${strict ? ', counted as failed in CI' : ''}`);
console.log(`${sum('passed')} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
