const { tmpdir } = require('node:os');
const { join } = require('node:path');

// n8n-core reads these when it is loaded. A folder that is not there keeps a test away from the
// user's own n8n.
process.env.N8N_USER_FOLDER = join(tmpdir(), 'n8n-nodes-baseten-engine');
process.env.N8N_ENCRYPTION_KEY = 'engine-test';
process.env.N8N_LOG_LEVEL = 'silent';
