/* The program of the linker proof: nothing but the layer and what it may see is in it. */
int main(void)
{
    return 0;
}
