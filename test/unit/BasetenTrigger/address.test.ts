import type { ILoadOptionsFunctions } from 'n8n-workflow';

import { BasetenTrigger } from '../../../nodes/BasetenTrigger/BasetenTrigger.node';

const { getAddress } = new BasetenTrigger().methods.resourceMapping;

/** What the form says. @param credential nothing if none is chosen */
async function noticeOf(url: string, credential?: object): Promise<string | undefined> {
  const context = {
    getInstanceBaseUrl: () => url,
    async getCredentials() {
      if (!credential) throw new Error('Node does not have any credentials set');
      return credential;
    },
  } as unknown as ILoadOptionsFunctions;
  const { fields, emptyFieldsNotice } = await getAddress.call(context);
  expect(fields).toStrictEqual([]);
  return emptyFieldsNotice;
}

test.each([
  'http://localhost:5678/',
  'https://localhost/',
  'http://n8n.example.com/',
  'https://192.168.1.20/',
  'https://n8n.internal/',
])('the form says that Baseten can not deliver to %s, and what to do', async (url) => {
  const { origin } = new URL(url);
  expect(await noticeOf(url, { apiKey: 'k' })).toBe(
    `Baseten can't deliver to this n8n at ${origin}, so every result would be lost. Baseten delivers to public https:// addresses only. Set n8n’s webhook URL (N8N_WEBHOOK_URL) to its public https address.`,
  );
});

test('the form says where Baseten delivers to, with or without a credential', async () => {
  const said = 'Baseten delivers to this n8n at https://n8n.example.com.';
  expect(await noticeOf('https://n8n.example.com/', { apiKey: 'k' })).toBe(said);
  expect(await noticeOf('https://n8n.example.com/')).toBe(said);
});

test('a server of somebody’s own may deliver to this machine', async () => {
  const credential = {
    apiKey: 'k',
    endpoints: 'custom',
    deploymentUrl: 'http://127.0.0.1:9',
    modelApiUrl: 'http://127.0.0.1:9',
    managementUrl: 'http://127.0.0.1:9',
  };
  expect(await noticeOf('http://127.0.0.1:5678/', credential)).toBe(
    'Baseten delivers to this n8n at http://127.0.0.1:5678.',
  );
});
