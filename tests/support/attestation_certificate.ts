/**
 * Of a maker of authenticators that is trusted by nobody: the certificate in DER and its key as PKCS #8,
 * both in base64url. They are good for nothing but tests.
 */
export const attestationCertificate = [
  "MIICEjCCAbegAwIBAgIUTd8hy037Xhr_-yvm6Y1iXdXgLyowCgYIKoZIzj0EAwIwbzELMAkGA1UEBhMCU0UxFzAVBg",
  "NVBAoMDkxhdGNoa2V5IHRlc3RzMSIwIAYDVQQLDBlBdXRoZW50aWNhdG9yIEF0dGVzdGF0aW9uMSMwIQYDVQQDDBpB",
  "biBhdXRoZW50aWNhdG9yIG9mIGEgdGVzdDAgFw0yNjExMjYxNjE3MTdaGA8yMTI2MTEwMjE2MTcxN1owbzELMAkGA1",
  "UEBhMCU0UxFzAVBgNVBAoMDkxhdGNoa2V5IHRlc3RzMSIwIAYDVQQLDBlBdXRoZW50aWNhdG9yIEF0dGVzdGF0aW9u",
  "MSMwIQYDVQQDDBpBbiBhdXRoZW50aWNhdG9yIG9mIGEgdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDU8V5",
  "LJYBxKz0yVTM9kEYz3Iww9Enmnek2B8GfeEkRay3sbJFyTkVf8_Su8a4NoSmZXU8gcTkWto9Bv8pbjPt6jLzAtMAwG",
  "A1UdEwEB_wQCMAAwHQYDVR0OBBYEFF65N4mFvXl4ttoVhxbJ34-",
  "eRQVIMAoGCCqGSM49BAMCA0kAMEYCIQD4XHQIpBmKdFyKzjvKaCyi74QAEbpfVa9vr98qWy1Y3wIhALehZPegullS7",
  "EyvpQ-7DLBIwgg6iBMXcOIkFjr0Ctn7",
].join("");
export const attestationKey = [
  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgn10NOz3UDGEc7v9FUPHBIsTS24U7xVkEU5LD-",
  "2S7n8GhRANCAAQ1PFeSyWAcSs9MlUzPZBGM9yMMPRJ5p3pNgfBn3hJEWst7GyRck5FX_P0rvGuDaEpmV1PIHE5FraP",
  "Qb_KW4z7e",
].join("");
