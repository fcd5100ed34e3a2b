using System.Net;
using Makaretu.Dns;

namespace Mandos.LanPeer;

/// <summary>Finds or announces a service until its input ends; one line of output for each event.</summary>
internal static class Peer
{
    internal static int Usage()
    {
        Console.Error.WriteLine("usage: browse TYPE | publish NAME TYPE PORT ADDRESS HOPLIMIT");
        return 2;
    }

    /// <summary>Prints <c>+ NAME</c>, <c>- NAME</c> and, for what comes with an answer, <c>= RECORD</c>.</summary>
    internal static int Browse(string type)
    {
        using var multicast = Multicast();
        using var discovery = new ServiceDiscovery(multicast);
        multicast.AnswerReceived += (_, answer) =>
        {
            foreach (var record in answer.Message.Answers.Concat(answer.Message.AdditionalRecords).Where(r => r.TTL > TimeSpan.Zero))
            {
                if (record is SRVRecord srv)
                    Print($"= {srv.Name} at {srv.Target}:{srv.Port}");
                else if (record is AddressRecord address)
                    Print($"= {address.Name} has {new IPAddress(address.Address.GetAddressBytes())}");
            }
        };
        discovery.ServiceInstanceDiscovered += (_, found) => Print($"+ {found.ServiceInstanceName}");
        discovery.ServiceInstanceShutdown += (_, gone) => Print($"- {gone.ServiceInstanceName}");
        multicast.NetworkInterfaceDiscovered += (_, _) => discovery.QueryServiceInstances(type);
        multicast.Start();
        return WaitForEnd();
    }

    /// <summary>
    /// Announces a service at an address of any machine. It neither probes nor gives way: the other one with the name has to notice.
    /// </summary>
    internal static int Publish(string name, string type, ushort port, IPAddress address, int hopLimit)
    {
        using var multicast = Multicast();
        using var discovery = new ServiceDiscovery(multicast);
        var profile = new ServiceProfile(name, type, port, [address]);
        multicast.Start();
        HopLimit.Set(multicast, hopLimit);
        discovery.Advertise(profile);
        discovery.Announce(profile);
        Print("announced");
        var result = WaitForEnd();
        discovery.Unadvertise(profile);
        return result;
    }

    /// <summary>Over IPv6 alone. It would tell duplicates by their MD5, which OpenSSL may refuse.</summary>
    private static MulticastService Multicast() => new() { UseIpv4 = false, UseIpv6 = true, IgnoreDuplicateMessages = false };

    private static int WaitForEnd()
    {
        while (Console.In.Read() >= 0)
        {
        }

        return 0;
    }

    /// <summary>Its handlers are called on several threads.</summary>
    private static void Print(string line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
