"""The confidential envelope: what is sealed, for whom, and how it is opened again.

An envelope is an age v1 file to `mlkem768x25519` recipients (docs/envelope-spec.md). This
package file imports nothing, so that a process which only checks lengths loads no cryptography
and a process which must hold no private key can be shown not to reach one.
"""
