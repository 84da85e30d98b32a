const { rm } = require('node:fs/promises');
const { Transform } = require('node:stream');
const { dest, src, task } = require('gulp');
const { homepage } = require('./package.json');

/** Fills in the project's address, which stands only in package.json. */
const fillInAddress = () =>
  new Transform({
    objectMode: true,
    transform(file, _encoding, done) {
      file.contents = Buffer.from(String(file.contents).replaceAll('{{homepage}}', homepage));
      done(null, file);
    },
  });

task('clean', () => rm('dist', { recursive: true, force: true }));
task('build:icons', () => src('icons/*.svg', { encoding: false }).pipe(dest('dist/icons')));
task('build:codex', () =>
  src('nodes/**/*.node.json').pipe(fillInAddress()).pipe(dest('dist/nodes')),
);
