namespace Mandos.Client.ProcessBoundary;

/// <summary>The descriptors that the network process inherits.</summary>
internal static class ProcessDescriptor
{
    /// <summary>For the password: four bytes of length, little-endian, and the bytes.</summary>
    internal const int Password = 1;

    /// <summary>For messages, which the supervisor relays.</summary>
    internal const int Messages = 2;

    /// <summary>The <see cref="ControlChannel"/>.</summary>
    internal const int Control = 3;

    internal const int OpenPgpPublicKey = 4;
    internal const int OpenPgpSecretKey = 5;
    internal const int TlsPublicKey = 6;
    internal const int TlsPrivateKey = 7;
}
