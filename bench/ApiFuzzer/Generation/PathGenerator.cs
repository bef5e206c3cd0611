using Modular.EndToEnd;

namespace Modular.ApiFuzzer;

/// <summary>Makes paths of collections, objects and subresources, and odd ones.</summary>
internal sealed class PathGenerator(KnownState known)
{
    private static readonly string[] Namespaces = ["default", "default", "default", "default", "default", "default", "kube-system", "kube-system", "sample-1", "sample-1", "missing"];

    private static readonly string[] Segments =
    [
        "", ".", "..", "%2e%2e", "%2E", "%2f", "%2F", "%5c", "a%2Fb", "%00", "a%00b", "%", "%zz", "%ff", "%c3%28", "%C3%A9", "%20", "a%20b", "a+b", "*", "~", "a;b=c", "watch", "namespaces", "status", "scale",
        "proxy", "log", "A", "a_b", "-", "a.b", "..a", "%25", "%2525", "@", ":", "a:b", "%0d%0a", "%e2%80%8b", "v1", "api", "default",
    ];

    private static readonly string[] Others =
    [
        "/", "/api", "/api/", "/apis", "/apis/apps", "/apis/apps/v1", "/apis/none/v1", "/api/v1", "/api/v2", "/version", "/healthz", "/readyz", "/livez", "/readyz/ping", "/readyz?verbose", "/metrics", "/openapi/v2",
        "/openapi/v3", "/openapi/v3/api/v1", "/openapi/v3/apis/apps/v1", "/openapi/v3/apis/none/v1", "/openapi/v3/..", "/swagger.json", "/logs", "/proxy", "/apiz", "/apis//v1", "//", "/%61pi/v1", "/api/v1/watch", "/api/v1/watch/pods",
        "/api/v1/namespaces/default", "/api/v1/namespaces//pods", "/api/v1/namespaces/default/pods/sample-1/", "/api/v1/watch/namespaces/default/pods", "/api/v1/watch/namespaces/default/pods/sample-1",
    ];

    /// <summary>The path of a collection, with a namespace if it needs one.</summary>
    public static string Collection(ResourceDefinition kind, Dice dice)
    {
        var group = kind.Resource.Group.Length == 0 ? $"/api/{kind.Resource.Version}" : $"/apis/{kind.Resource.Group}/{kind.Resource.Version}";
        return kind.Namespaced && !dice.Chance(2)
            ? $"{group}/namespaces/{dice.Pick(Namespaces)}/{kind.Resource.Resource}"
            : $"{group}/{kind.Resource.Resource}";
    }

    /// <summary>The path of an object that may be there.</summary>
    public static string Object(ResourceDefinition kind, Dice dice) => $"{Collection(kind, dice)}/{Name(kind, dice)}";

    /// <summary>A name out of few, so that requests meet.</summary>
    public static string Name(ResourceDefinition kind, Dice dice) => KindSamples.Name(kind.Resource.ToString(), dice.Next(4) + 1);

    /// <summary>A path that is no object's.</summary>
    public string Odd(Dice dice, IReadOnlyList<ResourceDefinition> kinds)
    {
        if (dice.Chance(50))
        {
            return dice.Pick(Others);
        }

        var path = known.Objects.Count > 0 && dice.Chance(50) ? dice.Pick(known.Objects).Key : Object(dice.Pick(kinds), dice);
        var segments = path.Split('/').ToList();
        for (var i = dice.Next(2) + 1; i > 0; i--)
        {
            var at = dice.Next(segments.Count - 1) + 1;
            var segment = dice.Chance(5) ? new string('a', dice.Pick(64, 254, 1000, 9000)) : dice.Pick(Segments);
            switch (dice.Next(3))
            {
                case 0:
                    segments.Insert(at, segment);
                    break;
                case 1:
                    segments.Add(segment);
                    break;
                default:
                    segments[at] = segment;
                    break;
            }
        }

        return string.Join('/', segments);
    }
}
