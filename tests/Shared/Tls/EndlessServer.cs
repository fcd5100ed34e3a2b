using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Tests;

/// <summary>
/// A Mandos server that shakes hands as it should, and then sends records without data for as long as the client takes them. Runs
/// in this process, on a socket of a machine's network.
/// </summary>
internal sealed partial class EndlessServer : IDisposable
{
    /// <summary>Shakes hands and closes the connection.</summary>
    internal const string Nothing = "nothing";

    /// <summary>What it can send.</summary>
    internal static readonly IReadOnlyList<string> Behaviours = ["empty records", "padding", "warnings"];

    private readonly Socket _listener;
    private readonly string _what;
    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EndlessServer(Socket listener, string what)
    {
        _listener = listener;
        _what = what;
        Begin(Accept);
    }

    /// <summary>Completes when a client has shaken hands and hung up.</summary>
    internal Task Refused => _refused.Task;

    /// <summary>Starts one in the network of a process.</summary>
    internal static EndlessServer Start(int process, int port, string what)
    {
        Socket? listener = null;
        // A socket stays in the network in which it was made; the thread is not used for anything else.
        var maker = new Thread(() =>
        {
            const int CLONE_NEWNET = 0x40000000;
            using var network = File.OpenHandle($"/proc/{process}/ns/net");
            if (EnterNamespace(network, CLONE_NEWNET) != 0)
                return;
            listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            listener.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            listener.Listen();
        });
        maker.Start();
        maker.Join();
        return new(listener ?? throw new InvalidOperationException($"cannot enter the network of process {process}"), what);
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static void Begin(ThreadStart work) => new Thread(work) { IsBackground = true }.Start();

    private void Accept()
    {
        try
        {
            for (; ; )
            {
                var accepted = _listener.Accept();
                Begin(() => Flood(accepted));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Flood(Socket accepted)
    {
        var hasShakenHands = false;
        try
        {
            using var stream = new NetworkStream(accepted, ownsSocket: true);
            stream.ReadExactly(new byte["1\r\n".Length]);
            var protocol = new Protocol(stream);
            protocol.Connect(new Client());
            hasShakenHands = true;
            while (_what != Nothing)
                protocol.Send(_what);
        }
        catch (IOException)
        {
            if (hasShakenHands)
                _refused.TrySetResult();
        }
    }

    [LibraryImport("libc", EntryPoint = "setns")]
    private static partial int EnterNamespace(SafeHandle file, int kind);

    private sealed class Client() : AbstractTlsClient(new BcTlsCrypto(new SecureRandom())), TlsAuthentication
    {
        public override TlsAuthentication GetAuthentication() => this;

        public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest) => null;

        public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
        {
            // Any client will do.
        }

        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.Only();

        protected override int[] GetSupportedCipherSuites() => [CipherSuite.TLS_AES_256_GCM_SHA384];

        protected override short[] GetAllowedServerCertificateTypes() => [CertificateType.RawPublicKey];
    }

    private sealed class Protocol(Stream stream) : TlsClientProtocol(stream)
    {
        internal void Send(string what)
        {
            switch (what)
            {
                case "empty records":
                    SafeWriteRecord(ContentType.application_data, [], 0, 0);
                    break;
                case "padding":
                    // What TLS encrypts is content, type and zeros (RFC 8446, 5.2): the last zero is written as the type.
                    SafeWriteRecord(0, [(byte)ContentType.application_data, .. new byte[15_999]], 0, 16_000);
                    break;
                default:
                    RaiseAlertWarning(AlertDescription.user_canceled, "test");
                    break;
            }
        }
    }
}
