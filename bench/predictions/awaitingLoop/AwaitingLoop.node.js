/**
 * What many nodes do: one request after the other through n8n's HTTP client. It is only for the
 * benchmark. n8n loads it as a custom extension, which has to be JavaScript.
 * @implements {import('n8n-workflow').INodeType}
 */
class AwaitingLoop {
  description = {
    displayName: 'Awaiting Loop',
    name: 'awaitingLoop',
    group: ['transform'],
    version: 1,
    description: 'Awaits a request for each item',
    defaults: { name: 'Awaiting Loop' },
    inputs: ['main'],
    outputs: ['main'],
    properties: [
      { displayName: 'URL', name: 'url', type: 'string', default: '' },
      { displayName: 'Key', name: 'key', type: 'string', default: '' },
      { displayName: 'Body', name: 'body', type: 'json', default: '{}' },
    ],
  };

  /** @this {import('n8n-workflow').IExecuteFunctions} */
  async execute() {
    const results = [];
    for (let item = 0; item < this.getInputData().length; item++) {
      const json = await this.helpers.httpRequest({
        method: 'POST',
        url: this.getNodeParameter('url', item),
        headers: { Authorization: `Bearer ${this.getNodeParameter('key', item)}` },
        body: this.getNodeParameter('body', item),
        json: true,
      });
      results.push({ json, pairedItem: { item } });
    }
    return [results];
  }
}

module.exports = { AwaitingLoop };
