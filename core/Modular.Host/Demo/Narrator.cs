namespace Modular.Host.Demo;

/// <summary>Prints each step of the demo with what was expected and what was seen, and remembers whether they agreed.</summary>
internal sealed class Narrator(TextWriter output)
{
    public bool AllSeen { get; private set; } = true;

    public void Chapter(string title)
    {
        output.WriteLine();
        output.WriteLine($"== {title}");
    }

    /// <summary>A command the way a user would type it.</summary>
    public void Command(string line) => output.WriteLine($"   $ {line}");

    public void Show(string text)
    {
        foreach (var line in text.TrimEnd().Split('\n'))
        {
            output.WriteLine($"     {line}");
        }
    }

    /// <summary>Compares what was expected with what was seen.</summary>
    public void Check(string expected, string seen, bool agreed)
    {
        AllSeen &= agreed;
        output.WriteLine($"   expected  {expected}");
        output.WriteLine($"   {(agreed ? "saw      " : "SAW      ")} {seen}{(agreed ? "" : "   <-- not as expected")}");
    }
}
