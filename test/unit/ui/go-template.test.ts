import { expect, test } from 'bun:test';
import { goTemplateHeadings, renderGoTemplate } from '../../../src/ui/go-template.ts';

const row = {
  Name: '/web',
  State: { Pid: 12, Running: true, Health: { Status: 'healthy' } },
  Args: ['-c', 'sleep 1'],
  Labels: { 'com.example.a': '1', b: 'two' },
  NetworkSettings: { Networks: { front: { IPAddress: '172.17.0.2' }, back: { IPAddress: '172.18.0.2' } } },
  Empty: null,
};

const cases: readonly (readonly [template: string, text: string])[] = [
  ['{{.Name}}', '/web'],
  ['{{ .State.Pid }} {{.State.Running}}', '12 true'],
  ['{{json .Args}}', '["-c","sleep 1"]'],
  ['{{.Args}}', '[-c sleep 1]'],
  ['{{.Labels}}', 'map[b:two com.example.a:1]'],
  ['{{index .Labels "com.example.a"}}', '1'],
  ['{{index .Args 1 | upper}}', 'SLEEP 1'],
  ['{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}', '172.18.0.2 172.17.0.2 '],
  ['{{range $name, $n := .NetworkSettings.Networks}}{{$name}}={{$n.IPAddress}};{{end}}', 'back=172.18.0.2;front=172.17.0.2;'],
  ['{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}', 'healthy'],
  ['{{if eq .State.Pid 3}}a{{else if .Empty}}b{{else}}c{{end}}', 'c'],
  ['{{with .State}}{{.Pid}}{{end}}', '12'],
  ['{{join .Args ","}} {{len .Args}}', '-c,sleep 1 2'],
  ['{{range .Args}}{{println .}}{{end}}', '-c\nsleep 1\n'],
  ['{{printf "%-5s|%d" .Name (len .Args)}}', '/web |2'],
  ['{{range .Args -}} x {{- end}}', 'xx'],
  ['a\\tb', 'a\tb'],
  ['{{.Label "b"}}', 'two'],
  ['{{.Labels.missing}}', '<no value>'],
];
test.each(cases.map((each) => [...each]))('%s', (template, text) => {
  expect(renderGoTemplate(template, row)).toBe(text);
});

test.each(['{{.Nmae}}', '{{', '{{if .Name}}', '{{nosuch .Name}}', '{{.Name | }}', '{{end}}'])('%s is refused', (template) => {
  expect(() => renderGoTemplate(template, row)).toThrow(expect.objectContaining({ code: 'usage' }));
});

test('a heading is the column of the field', () => {
  expect(goTemplateHeadings('{{.ID}}\\t{{json .CreatedAt}}', { ID: 'CONTAINER ID' })).toBe('CONTAINER ID\tCREATED AT');
});
