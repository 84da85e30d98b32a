import { parseWebhookUrl } from '../../../../nodes/shared/webhook/url';

test.each([
  'https://n8n.example.com/webhook/x',
  'http://localhost:5678/x',
  'http://127.0.0.1/x',
  'http://[::1]:1/x',
])('%s is taken', (url) => {
  expect(parseWebhookUrl(url).toString()).toBe(url);
});

test.each([
  'http://example.com',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'ftp://localhost',
  'x',
  '//x',
  7,
])('%s is refused', (url) => {
  expect(() => parseWebhookUrl(url)).toThrow(/can't be used|is empty/);
});
