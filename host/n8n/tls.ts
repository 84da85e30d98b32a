import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, fetch as undiciFetch } from 'undici';
import type { TlsIdentity } from '../../emulator';

/** Settings with which n8n itself serves https. @param folder where its key and certificate go */
export async function servingTls(
  { key, cert }: TlsIdentity,
  folder: string,
  port: number,
): Promise<Record<string, string>> {
  const url = `https://127.0.0.1:${port}`;
  const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
  await writeFile(files.key, key);
  await writeFile(files.cert, cert);
  return {
    N8N_PROTOCOL: 'https',
    N8N_SSL_KEY: files.key,
    N8N_SSL_CERT: files.cert,
    N8N_EDITOR_BASE_URL: url,
    N8N_WEBHOOK_URL: url,
    WEBHOOK_URL: url,
  };
}

/** `fetch` that trusts a certificate which no authority has signed. */
export function fetchTrusting({ cert }: TlsIdentity): typeof fetch {
  const dispatcher = new Agent({ connect: { ca: cert } });
  return (async (url: string, init: object) =>
    await undiciFetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
}
