import { delimiter, dirname } from 'node:path';
import type { Host } from '../install/types';

/**
 * What n8n may see of our environment. With all of it, a `DB_TYPE` could lead it to a real
 * instance's data.
 */
const PASSED_ON = new RegExp(
  '^(PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|SystemRoot|https?_proxy|no_proxy|' +
    'NODE_EXTRA_CA_CERTS)$',
  'i',
);

/**
 * The settings of an n8n that listens on loopback, calls nobody and writes only to its user folder.
 */
export function n8nEnvironment(at: {
  host: Host;
  userFolder: string;
  port: number;
  brokerPort: number;
}): NodeJS.ProcessEnv {
  const url = `http://127.0.0.1:${at.port}`;
  const ours = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => PASSED_ON.test(name)),
  );
  return {
    ...ours,
    // n8n starts its task runner with the first `node` it finds.
    PATH: [dirname(at.host.nodeBin), process.env.PATH].join(delimiter),
    // Its encryption key lies in this folder's config file, made at the first start.
    N8N_USER_FOLDER: at.userFolder,
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_HOST: '127.0.0.1',
    N8N_PORT: String(at.port),
    N8N_RUNNERS_BROKER_PORT: String(at.brokerPort),
    N8N_EDITOR_BASE_URL: url,
    N8N_WEBHOOK_URL: url,
    WEBHOOK_URL: url,
    DB_TYPE: 'sqlite',
    N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
    N8N_SECURE_COOKIE: 'false',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_HIRING_BANNER_ENABLED: 'false',
    GENERIC_TIMEZONE: 'UTC',
  };
}
