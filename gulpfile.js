// Decisions: docs/decisions.md, "All code is one file, so n8n starts as fast as before".

const { mkdir, rm, writeFile } = require('node:fs/promises');
const { basename, dirname, relative } = require('node:path');
const { Transform } = require('node:stream');
const { build } = require('esbuild');
const { dest, src, task } = require('gulp');
const { homepage, n8n } = require('./package.json');

/** The file with all code of the nodes and the credential. */
const CODE = 'dist/code.js';

/** The files that n8n loads, each with the class that it looks for and where that comes from. */
const LOADED = [...n8n.credentials, ...n8n.nodes].map((file) => ({
  file,
  name: basename(file).split('.')[0],
  source: file.replace(/^dist/, '.').replace(/\.js$/, ''),
}));

/** Fills in the project's address, which stands only in package.json. */
const fillInAddress = () =>
  new Transform({
    objectMode: true,
    transform(file, _encoding, done) {
      file.contents = Buffer.from(String(file.contents).replaceAll('{{homepage}}', homepage));
      done(null, file);
    },
  });

/**
 * Puts all TypeScript into one file, as it is written, in which a comment stands before the part of
 * each file. n8n looks for its classes in files of their own, which take them from there.
 */
async function buildCode() {
  await build({
    stdin: {
      contents: LOADED.map(({ name, source }) => `export { ${name} } from '${source}';`).join('\n'),
      resolveDir: __dirname,
    },
    outfile: CODE,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    // From n8n's user folder, import() finds no modules of n8n; require does.
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
  });
  for (const { file, name } of LOADED) {
    await mkdir(dirname(file), { recursive: true });
    const code = relative(dirname(file), CODE).replaceAll('\\', '/');
    await writeFile(file, `exports.${name} = require('${code}').${name};\n`);
  }
}

task('build:code', buildCode);
task('clean', () => rm('dist', { recursive: true, force: true }));
task('build:icons', () => src('icons/*.svg', { encoding: false }).pipe(dest('dist/icons')));
task('build:codex', () =>
  src('nodes/**/*.node.json').pipe(fillInAddress()).pipe(dest('dist/nodes')),
);
task('build:schemas', () => src('nodes/**/__schema__/**/*.json').pipe(dest('dist/nodes')));
