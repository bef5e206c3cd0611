using Modular.Host.Client;

namespace Modular.Host.Commands;

/// <summary>What a user meant by <c>pods</c>, <c>pod web</c>, <c>pod/web rc/x</c> or <c>pods,services</c>.</summary>
internal sealed record ObjectArgument(DiscoveredResource Resource, string Name)
{
    /// <summary>Reads the words of a command line; an entry without name stands for all objects of the resource.</summary>
    public static IReadOnlyList<ObjectArgument> Read(IReadOnlyList<string> words, ResourceMapper mapper)
    {
        if (words.Count == 0)
        {
            throw new CommandException("say what: a resource such as 'pods', or an object such as 'pod/web' or 'pod web'");
        }

        if (words[0].Contains('/', StringComparison.Ordinal))
        {
            return [.. words.Select(word => ReadPair(word, mapper))];
        }

        var resources = words[0].Split(',', StringSplitOptions.RemoveEmptyEntries).SelectMany(mapper.FindAll).ToList();
        return words.Count == 1
            ? [.. resources.Select(r => new ObjectArgument(r, ""))]
            : [.. words.Skip(1).SelectMany(name => resources.Select(r => new ObjectArgument(r, name)))];
    }

    private static ObjectArgument ReadPair(string word, ResourceMapper mapper)
    {
        var slash = word.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < word.Length - 1
            ? new(mapper.Find(word[..slash]), word[(slash + 1)..])
            : throw new CommandException($"\"{word}\" is not TYPE/NAME; write for example pod/web");
    }
}
