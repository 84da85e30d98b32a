const { rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Removes the folder that `engineEnvironment.js` gives n8n-core. */
module.exports = () =>
  rmSync(join(tmpdir(), 'n8n-nodes-baseten-engine'), { recursive: true, force: true });
