using Mandos.Core.Keys;

namespace Mandos.Server.SelfTest;

/// <summary>Tests that clients are identified by the SHA-256 of their public key.</summary>
internal static class KeySelfTest
{
    internal static void Run()
    {
        var key = KeyId.FromSubjectPublicKeyInfo(
            Convert.FromHexString("302a300506032b6570032100c3e19368bd5246892a9b24520d9d1ad68dbb28237385d5bfb56fa25cdbf3c396"));
        SelfTestFailure.UnlessSame("d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23", key.ToString(), "key ID");
    }
}
