const { rm } = require('node:fs/promises');
const { dest, src, task } = require('gulp');

task('clean', () => rm('dist', { recursive: true, force: true }));
task('build:icons', () => src('icons/*.svg', { encoding: false }).pipe(dest('dist/icons')));
task('build:codex', () => src('nodes/**/*.node.json').pipe(dest('dist/nodes')));
