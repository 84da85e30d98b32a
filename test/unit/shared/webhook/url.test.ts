import { BASETEN_ENDPOINTS } from '../../../../nodes/shared/connection/endpoints';
import { parseWebhookUrl, readWebhookUrl } from '../../../../nodes/shared/webhook/url';

const CUSTOM = { ...BASETEN_ENDPOINTS, deploymentUrl: 'http://127.0.0.1:4010/{kind}-{id}' };

/** What comes of an address: the address as it is sent, or the error. */
function read(value: unknown, { endpoints = BASETEN_ENDPOINTS, isManual = false } = {}): string {
  try {
    return readWebhookUrl(value, { endpoints, isManual });
  } catch (error) {
    return (error as Error).message;
  }
}

test.each([
  'https://n8n.example.com/webhook/x',
  'https://n8n.example.com/webhook/x?a=b%20c&d=e+f&g#h',
  'HTTPS://Äpfel.example.com:443/a/../b?q=ü~!%zz',
  'https://8.8.8.8/x',
  'https://100.128.0.1/x',
  'https://172.32.0.1/x',
  'https://193.168.0.1/x',
  'https://[2001:db8::1]/x',
  'https://[::ffff:8.8.8.8]/x',
  'https://[64:ff9b::8.8.8.8]/x',
  'https://[2002:808:808::1]/x',
  'https://home.example.com/x',
  'https://n8n.lan.example/x',
  'https://fd.example.com/x',
  'https://fe80.example.com/x',
  'https://localhost.example.com/x',
  'https://10.0.0.1.example.com/x',
  'https://internal.example.com/x',
])('%s is taken, byte for byte', (url) => {
  expect([read(url), read(`  ${url}\n`)]).toStrictEqual([url, url]);
});

test('blanks and line breaks inside, which no URL has, are encoded', () => {
  expect(read('https://n8n.example.com/a b?c=d e\n')).toBe('https://n8n.example.com/a%20b?c=d%20e');
});

test.each([
  ['https:n8n.example.com/x', 'https://n8n.example.com/x'],
  ['https:/n8n.example.com/x', 'https://n8n.example.com/x'],
  ['https:\\\\n8n.example.com\\x', 'https://n8n.example.com/x'],
])('what only a browser takes for a URL is written out: %s', (text, url) => {
  expect(read(text)).toBe(url);
});

const PRIVATE = [
  'https://localhost/x',
  'https://LOCALHOST./x',
  'https://n8n.localhost/x',
  'https://127.0.0.1/x',
  'https://127.1.2.3:5678/x',
  'https://0x7f.1/x',
  'https://2130706433/x',
  'https://0.0.0.0/x',
  'https://10.1.2.3/x',
  'https://100.64.0.1/x',
  'https://100.127.255.255/x',
  'https://169.254.169.254/x',
  'https://172.16.0.1/x',
  'https://172.31.255.255/x',
  'https://192.168.1.5/x',
  'https://224.0.0.1/x',
  'https://255.255.255.255/x',
  'https://[::]/x',
  'https://[::1]/x',
  'https://[fc00::1]/x',
  'https://[fd12:3456::1]/x',
  'https://[fe80::1]/x',
  'https://[febf::1]/x',
  'https://[ff02::1]/x',
  'https://[::ffff:192.168.1.5]/x',
  'https://[::ffff:7f00:1]/x',
  'https://[::7f00:1]/x',
  'https://[64:ff9b::192.168.1.5]/x',
  'https://[2002:a01:203::1]/x',
  'https://[fec0::1]/x',
  'https://n8n/x',
  'https://nas.local/x',
  'https://nas.local./x',
  'https://n8n.corp.internal/x',
  ...['lan', 'home', 'corp', 'intranet', 'private', 'localdomain', 'home.arpa', 'invalid'].map(
    (ending) => `https://n8n.${ending}/x`,
  ),
  'http://localhost:5678/x',
  'http://127.0.0.1/x',
  'http://[::1]:1/x',
];

test.each(PRIVATE)('%s is refused, since Baseten can not reach it', (url) => {
  expect(read(url)).toBe(`Webhook URL ${JSON.stringify(url)} can't be reached by Baseten`);
});

test.each(PRIVATE)('%s is taken with custom endpoints', (url) => {
  expect(read(url, { endpoints: CUSTOM })).toBe(url);
});

test.each([
  'http://example.com',
  'http://10.1.2.3/x',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'ftp://localhost',
  'x',
  '//x',
])('%s is refused, whatever the endpoints', (url) => {
  const refusal = `Webhook URL ${JSON.stringify(url)} can't be used`;
  expect([read(url), read(url, { endpoints: CUSTOM })]).toStrictEqual([refusal, refusal]);
});

test.each(['', ' ', 7, null, undefined, {}])('%j is empty', (value) => {
  expect(read(value)).toBe('Webhook URL is empty');
});

describe("n8n's test URL", () => {
  const url = 'https://n8n.example.com/n8n/webhook-test/5f0c/webhook';

  test('is refused in a production run, where nobody listens', () => {
    expect(read(url)).toMatch(/is a test URL, which works only while somebody listens/);
  });

  test('is taken in a manual execution', () => {
    expect(read(url, { isManual: true })).toBe(url);
  });

  test('is one by its path only', () => {
    const others = [
      'https://webhook-test.example.com/x?webhook-test',
      'https://x.io/webhook-test1',
    ];
    expect(others.map((each) => read(each))).toStrictEqual(others);
  });
});

test.each([
  ['https://n8n.example.com/x', BASETEN_ENDPOINTS, true],
  ['http://localhost:5678/webhook-waiting/1', BASETEN_ENDPOINTS, false],
  ['http://localhost:5678/webhook-waiting/1', CUSTOM, true],
])('the address of a waiting execution is checked alike: %s', (url, endpoints, isTaken) => {
  const parse = () => parseWebhookUrl(url, endpoints).href;
  if (isTaken) expect(parse()).toBe(url);
  else expect(parse).toThrow(/can't be reached by Baseten/);
});
