import type { IWebhookDescription } from 'n8n-workflow';

/** The URL of a waiting execution, which exists only while it waits: nothing is set up on activation. */
export const RESUME_WEBHOOKS: IWebhookDescription[] = [
  {
    name: 'default',
    httpMethod: 'POST',
    responseMode: 'onReceived',
    responseData: '',
    path: '',
    restartWebhook: true,
    isFullPath: true,
  },
];
