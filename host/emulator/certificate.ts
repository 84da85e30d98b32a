import { generate } from 'selfsigned';
import type { TlsIdentity } from '../../emulator';

/**
 * Makes a key and a certificate for loopback. No authority has signed it: clients have to trust it
 * itself.
 */
export async function selfSigned(): Promise<TlsIdentity> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key, cert };
}
