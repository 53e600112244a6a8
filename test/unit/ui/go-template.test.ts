import { expect, test } from 'bun:test';
import { goTemplateHeadings, renderGoTemplate } from '../../../src/ui/go-template.ts';

const row = {
  Name: '/web',
  State: { Pid: 12, Running: true, Health: { Status: 'healthy' } },
  Args: ['-c', 'sleep 1'],
  Labels: { 'com.example.a': '1', b: 'two' },
  NetworkSettings: { Networks: { front: { IPAddress: '172.17.0.2' }, back: { IPAddress: '172.18.0.2' } } },
  Mounts: [
    { Source: '/a', Uses: 1 },
    { Source: '/b', Uses: 2 },
  ],
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
  ['{{/* }} */}}x{{- /* y */ -}} z', 'xz'],
  ['{{"}}"}}', '}}'],
  ['{{$x := .Name}}{{$x}}{{if true}}{{$x = "b"}}{{$x := "c"}}{{$x}}{{end}}{{$x}}', '/webcb'],
  ['{{with $s := .State}}{{$s.Pid}}{{end}}', '12'],
  ['{{(index .Mounts 1).Source}} {{index .Mounts 0}}', '/b {/a 1}'],
  ['{{range $i, $m := .Mounts}}{{if eq $i 1}}{{break}}{{end}}{{$m.Source}}{{end}}', '/a'],
  ['{{range .Mounts}}{{if eq .Uses 1}}-{{continue}}{{end}}{{.Source}}{{end}}', '-/b'],
  ['{{define "q"}}<{{.}}>{{end}}{{template "q" .Name}}{{block "p" .State}}{{.Pid}}{{end}}', '</web>12'],
  ['{{ge .State.Pid 12}} {{le 1 2 }} {{lt "a" "b"}} {{eq .Name "x" "/web"}}', 'true true true true'],
  ['{{pad .Name 1 2}}|{{pad "" 3 3}}|', ' /web  ||'],
  ['{{html "<a>"}} {{js "it\'s"}} {{urlquery "a b&"}} {{print 1 2 "x" 3}}', "&lt;a&gt; it\\'s a+b%26 1 2x3"],
  ['{{printf "%x %X %05d %+d %.2f %q %t %v" "a" 255 7 7 1.5 "q" true .Args}}', '61 FF 00007 +7 1.50 "q" true [-c sleep 1]'],
  ['{{printf "%d %s" "a"}}', '%!d(string=a) %!s(MISSING)'],
  ['{{and .Empty .Name}}|{{or .Empty .Name}}|{{not .Empty}}|{{if nil}}{{else}}n{{end}}', '<no value>|/web|true|n'],
];
test.each(cases.map((each) => [...each]))('%s', (template, text) => {
  expect(renderGoTemplate(template, row)).toBe(text);
});

test.each([
  '{{.Nmae}}',
  '{{',
  '{{if .Name}}',
  '{{nosuch .Name}}',
  '{{.Name | }}',
  '{{end}}',
  '{{$x}}',
  '{{break}}',
  '{{eq .Name 1}}',
  '{{template "none"}}',
  '{{define "r"}}{{template "r"}}{{end}}{{template "r"}}',
  '{{index .Args 2}}',
  '{{"\\q"}}',
  '{{if .Name}}a{{else}}b',
])('%s is refused', (template) => {
  expect(() => renderGoTemplate(template, row)).toThrow(expect.objectContaining({ code: 'usage' }));
});

test('a heading is the column of the field', () => {
  expect(goTemplateHeadings('{{.ID}}\\t{{json .CreatedAt}}', { ID: 'CONTAINER ID' })).toBe('CONTAINER ID\tCREATED AT');
});
