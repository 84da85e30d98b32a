import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

import type { ItemOperation } from '../../nodes/Baseten/actions/operation';
import type { SpeechFormat } from '../../nodes/shared/formats/speech';

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, 'nodes/Baseten/actions/model');
const FILE = join(FOLDER, 'getAuditLog.operation.ts');

const guide = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

const [operation = '', line = '', entry = ''] = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code]) => code,
);

/** The folders of the guide's tree, without the slash at their ends. */
const tree = (/```text\n([\s\S]*?)```/.exec(guide)?.[1] ?? '')
  .split('\n')
  .filter((row) => row !== '')
  .map((row) => row.replace(/\/ .*$/, ''));

/** Folders whose own folders each have a line in the tree. */
const MAPPED = ['nodes', 'emulator', 'host', 'bench'];
/** Folders of which the tree names only the first level. */
const MAPPED_FIRST_LEVEL = ['test', 'docs'];

/** Folders that hold code of ours, or folders with such code. */
function foldersIn(folder: string, isDeep: boolean): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map(({ name }) => `${folder}/${name}`)
    .flatMap((path) => {
      const inside = readdirSync(join(ROOT, path), { recursive: true });
      const hasCode = inside.some((file) => /\.(ts|cjs)$/.test(String(file)));
      return hasCode ? [path, ...(isDeep ? foldersIn(path, true) : [])] : [];
    });
}

test('every path that the guide names exists', () => {
  const quoted = [...guide.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
  const roots = readdirSync(ROOT);
  const paths = [...tree, ...quoted].filter((text) => /^[\w./-]+$/.test(text));
  const ours = paths.filter((path) => roots.includes(path.split('/')[0] ?? ''));
  const example = 'nodes/Baseten/actions/model/getAuditLog.operation.ts';
  expect(ours.length).toBeGreaterThan(80);
  expect(ours.filter((path) => !existsSync(join(ROOT, path)))).toStrictEqual([example]);
});

test('the tree has a line for every folder with code', () => {
  const folders = [
    ...MAPPED.flatMap((folder) => [folder, ...foldersIn(folder, true)]),
    ...MAPPED_FIRST_LEVEL.flatMap((folder) => foldersIn(folder, false)),
  ];
  expect(folders.filter((folder) => !tree.includes(folder))).toStrictEqual([]);
});

/** What TypeScript says about the Baseten node if some files have another content. */
function compiled(changed: Map<string, string>): { program: ts.Program; problems: string } {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    ROOT,
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => changed.has(path) || fileExists(path);
  host.readFile = (path) => changed.get(path) ?? readFile(path);
  const node = join(ROOT, 'nodes/Baseten/Baseten.node.ts');
  const program = ts.createProgram([node], { ...options, noEmit: true }, host);
  return { program, problems: ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host) };
}

/** Runs a module of the project that is given as text. */
function run(code: string, path: string): unknown {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS },
  });
  const exported = {};
  const load = (name: string): unknown => jest.requireActual(join(dirname(path), name));
  new Function('exports', 'require', outputText)(exported, load);
  return exported;
}

test('the operation that the contributing guide adds compiles, with its one line', () => {
  const index = join(FOLDER, 'index.ts');
  const { program, problems } = compiled(
    new Map([
      [FILE, operation],
      [index, readFileSync(index, 'utf8') + line],
    ]),
  );
  expect(program.getSourceFile(FILE)).toBeDefined();
  expect(problems).toBe('');
});

test('the template that the guide adds is one entry, which compiles and works', () => {
  const path = join(ROOT, 'nodes/shared/formats/speech.ts');
  const table = readFileSync(path, 'utf8');
  const changed = table.replace(/(SPEECH_FORMATS: SpeechFormat\[\] = \[\n)/, `$1${entry}`);
  expect(changed).toContain(entry);
  expect(entry).toContain('promptList');
  expect(compiled(new Map([[path, changed]])).problems).toBe('');
  const { SPEECH_FORMATS } = run(changed, path) as { SPEECH_FORMATS: SpeechFormat[] };
  const format = SPEECH_FORMATS.find(({ fits }) => fits({ duration: 8, prompts: ['dog barking'] }));
  expect([format?.value, format?.request({ text: 'rain' })]).toEqual([
    'promptList',
    { prompts: ['rain'] },
  ]);
});

test('it does what the guide says', async () => {
  const { getAuditLog } = run(operation, FILE) as { getAuditLog?: ItemOperation };
  const asked: string[] = [];
  const items = await getAuditLog?.execute({
    context: { getNodeParameter: () => 'abcd1234' },
    itemIndex: 0,
    connection: { endpoints: { managementUrl: 'https://api.baseten.co' } },
    send: async ({ url }: { url: string }) => ({
      status: asked.push(url),
      headers: {},
      body: Buffer.from('{"items":[{"id":"e1"},{"id":"e2"}]}'),
    }),
  } as never);
  expect(asked).toStrictEqual(['https://api.baseten.co/v1/models/abcd1234/audit_logs']);
  expect(items).toStrictEqual([{ json: { id: 'e1' } }, { json: { id: 'e2' } }]);
});
