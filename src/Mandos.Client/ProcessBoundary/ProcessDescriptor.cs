namespace Mandos.Client.ProcessBoundary;

/// <summary>The numbers under which the network process finds what it was given.</summary>
internal static class ProcessDescriptor
{
    /// <summary>The password goes here: four bytes of length, little-endian, and the bytes.</summary>
    internal const int Password = 1;

    /// <summary>Lines for people; the supervisor passes them on.</summary>
    internal const int Messages = 2;

    /// <summary>The <see cref="ControlChannel"/>.</summary>
    internal const int Control = 3;

    internal const int OpenPgpPublicKey = 4;
    internal const int OpenPgpSecretKey = 5;
    internal const int TlsPublicKey = 6;
    internal const int TlsPrivateKey = 7;
}
