// Jest can't load an ES module from a CommonJS one. Node can, so Node loads this one.
const { createRequire } = process.getBuiltinModule('node:module');

module.exports = createRequire(__filename)('markdown-table');
