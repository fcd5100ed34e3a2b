namespace System.Net;

/// <summary>What Makaretu.Dns.Multicast names of IPNetwork2: a class with a method, for fields that it never reads.</summary>
public sealed class IPNetwork
{
    private IPNetwork()
    {
    }

    /// <summary>Ignores the text.</summary>
    public static IPNetwork Parse(string network) => new();
}
