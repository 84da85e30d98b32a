const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

// n8n-core reads these when it is loaded: a folder of its own, so that a test never touches the user's n8n.
process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'n8n-nodes-baseten-engine-'));
process.env.N8N_ENCRYPTION_KEY = 'engine-test';
process.env.N8N_LOG_LEVEL = 'silent';
